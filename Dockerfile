# One image for each service: docker build --target ingestion . (or rule-evaluation, projection)

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1
COPY . .
RUN for service in Ingestion RuleEvaluation Projection; do \
        dotnet publish "services/$service/$service.csproj" --configuration Release --output "/app/$service" -p:UseAppHost=false || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS service
ENV TAGGING_URLS=http://0.0.0.0:8080
EXPOSE 8080
WORKDIR /app
USER $APP_UID
# The image has no client for HTTP; bash can speak enough of it.
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]

FROM service AS ingestion
COPY --from=build /app/Ingestion .
ENTRYPOINT ["dotnet", "TaggingPipeline.Ingestion.dll"]

FROM service AS rule-evaluation
COPY --from=build /app/RuleEvaluation .
ENTRYPOINT ["dotnet", "TaggingPipeline.RuleEvaluation.dll"]

FROM service AS projection
COPY --from=build /app/Projection .
ENTRYPOINT ["dotnet", "TaggingPipeline.Projection.dll"]
