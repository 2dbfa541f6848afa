using TaggingPipeline.Ingestion;
using TaggingPipeline.ServiceDefaults.Hosting;

// Ingestion as a process of its own: it takes events over HTTP and hands them to the bus.
var plan = new HostPlan
{
    Name = "Ingestion",
    KeepsCustomers = false,
    AddServices = services => services.AddIngestion(),
    MapEndpoints = endpoints => endpoints.MapIngestion(),
};
return await TaggingHost.RunAsync(plan, ServiceArguments.Read(args), CancellationToken.None);
