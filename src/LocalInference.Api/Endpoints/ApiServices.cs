using LocalInference.Api.Security;
using LocalInference.Api.Telemetry;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Core.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LocalInference.Api.Endpoints;

/// <summary>The HTTP side's services.</summary>
public static class ApiServices
{
    /// <summary>
    /// Adds what <see cref="ApiRoutes.MapLocalInference"/> needs. The application registers <see cref="ICompletionRouter"/> and
    /// <see cref="IServerStatus"/> beside it, and may register a <see cref="TimeProvider"/> before.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Keys, aliases and limits.</param>
    /// <exception cref="ArgumentException">Options outside their ranges; the message lists every fault.</exception>
    public static IServiceCollection AddLocalInferenceApi(this IServiceCollection services, ApiOptions options)
    {
        OptionFaults.ThrowIfAny(options, "Api");
        services.AddRouting().AddLogging().AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.TryAddSingleton(new CompletionIds(Guid.NewGuid));
        services.AddSingleton<RequestValidator>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<ChatRequestReader>();
        services.AddSingleton<ApiKeyGuard>();
        services.AddSingleton<RequestGate>();
        services.AddSingleton<PrometheusBridge>();
        services.AddSingleton<ChatCompletionsEndpoint>();
        services.AddSingleton<ModelsEndpoint>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<MetricsEndpoint>();
        return services;
    }
}
