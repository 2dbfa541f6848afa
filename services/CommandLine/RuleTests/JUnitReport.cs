using System.Globalization;
using System.Xml;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Tells how tests came out in the form that CI servers read.</summary>
/// <remarks>A suite for each file. A file that could not be run is a suite with one case, which is an error. Times are in seconds.</remarks>
internal static class JUnitReport
{
    public static void Write(TextWriter text, IReadOnlyList<(LoadedTests Loaded, IReadOnlyList<TestResult> Results)> files)
    {
        using var xml = XmlWriter.Create(text, new() { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = false });
        xml.WriteStartElement("testsuites");
        WriteCounts(xml, "tagging rules test", files.SelectMany(file => file.Results).ToArray(), files.Count(file => file.Loaded.File is null));
        foreach (var (loaded, results) in files)
        {
            xml.WriteStartElement("testsuite");
            WriteCounts(xml, loaded.Path, results, loaded.File is null ? 1 : 0);
            if (loaded.File is null)
                WriteError(xml, loaded);
            foreach (var result in results)
                WriteCase(xml, loaded.Path, result);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteCounts(XmlWriter xml, string name, IReadOnlyCollection<TestResult> results, int errors)
    {
        xml.WriteAttributeString("name", Clean(name));
        xml.WriteAttributeString("tests", Text(results.Count + errors));
        xml.WriteAttributeString("failures", Text(results.Count(result => !result.Failures.IsEmpty)));
        xml.WriteAttributeString("errors", Text(errors));
        xml.WriteAttributeString("time", Text(TimeSpan.FromTicks(results.Sum(result => result.Elapsed.Ticks))));
    }

    private static void WriteError(XmlWriter xml, LoadedTests loaded)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", "the file can be run");
        xml.WriteAttributeString("classname", Clean(loaded.Path));
        xml.WriteAttributeString("time", "0");
        WriteText(xml, "error", "the file has errors", string.Join('\n', loaded.Errors));
        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, string path, TestResult result)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean(result.Test.Name));
        xml.WriteAttributeString("classname", Clean(path));
        xml.WriteAttributeString("file", Clean(path));
        xml.WriteAttributeString("line", Text(result.Test.Line));
        xml.WriteAttributeString("time", Text(result.Elapsed));
        if (!result.Failures.IsEmpty)
        {
            var messages = result.Failures.Select(failure => $"{failure.What}: expected {failure.Expected}, found {failure.Found}");
            WriteText(xml, "failure", string.Join("; ", messages), string.Join('\n', TestReport.LinesOf(result)));
        }

        xml.WriteEndElement();
    }

    private static void WriteText(XmlWriter xml, string element, string message, string text)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("message", Clean(message));
        xml.WriteAttributeString("type", element);
        xml.WriteString(Clean(text));
        xml.WriteEndElement();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => time.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>Without characters that XML has no way to write.</summary>
    private static string Clean(string text)
    {
        var clean = text.ToCharArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (i + 1 < clean.Length && XmlConvert.IsXmlSurrogatePair(clean[i + 1], clean[i]))
                i++;
            else if (!XmlConvert.IsXmlChar(clean[i]))
                clean[i] = '\uFFFD';
        }

        return new(clean);
    }
}
