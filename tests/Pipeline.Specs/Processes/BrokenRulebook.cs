namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>A rulebook with several mistakes.</summary>
public static class BrokenRulebook
{
    public const int Errors = 3;

    public const string Text = """
        rulebook: broken
        tags:
          - key: buyer
            category: value
            when: cuont(purchase) >= 1
          - key: browser
            category: behaviour
            when: count(browse, 30d) >=
        segments:
          - key: buyers
            when: tag(byuer)
        """;
}
