using TaggingPipeline.RuleEvaluation;
using TaggingPipeline.ServiceDefaults.Hosting;

// Rule evaluation as a process of its own: it takes events from the bus, keeps customers and journal, and hands tag changes to the bus.
var plan = new HostPlan
{
    Name = "RuleEvaluation",
    AddServices = services => services.AddRuleEvaluation(),
    AddConsumers = bus => bus.AddRuleEvaluation(),
};
return await TaggingHost.RunAsync(plan, ServiceArguments.Read(args), CancellationToken.None);
