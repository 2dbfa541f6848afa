using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.ServiceDefaults.Hosting;

// Projection as a process of its own: it takes tag changes from the bus, keeps views, segments and the feed, and answers queries.
var plan = new HostPlan
{
    Name = "Projection",
    AddServices = services => services.AddProjection(),
    AddConsumers = bus => bus.AddProjectionConsumers(),
    MapEndpoints = endpoints => endpoints.MapQueries(),
};
return await TaggingHost.RunAsync(plan, ServiceArguments.Read(args), CancellationToken.None);
