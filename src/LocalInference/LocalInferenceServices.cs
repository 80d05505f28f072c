using LocalInference.Api.Endpoints;
using LocalInference.Chat;
using LocalInference.Core.Completions;
using LocalInference.Core.Options;
using LocalInference.Core.Telemetry;
using LocalInference.Hosting;
using LocalInference.Options;
using LocalInference.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace LocalInference;

/// <summary>Puts LocalInference into an application.</summary>
public static class LocalInferenceServices
{
    /// <summary>
    /// Adds the engine, the router and the HTTP interface's services. Loading begins when the application's host starts. Ask through
    /// <see cref="IChatClient"/> or <see cref="ICompletionRouter"/>, or map the HTTP interface with
    /// <see cref="ApiRoutes.MapLocalInference"/>; <see cref="LocalEngine.Ready"/> says when answers come.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">At least <see cref="LocalInferenceOptions.Model"/>.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every fault.</exception>
    public static IServiceCollection AddLocalInference(this IServiceCollection services, LocalInferenceOptions options)
    {
        OptionFaults.ThrowIfAny(options);
        services.AddMetrics().AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<InferenceMetrics>();
        AddEngine(services);
        services.AddSingleton(MakeRouter);
        services.AddSingleton<IChatClient, LocalChatClient>();
        return services.AddLocalInferenceApi(options.Api);
    }

    private static void AddEngine(IServiceCollection services)
    {
        services.AddSingleton<LocalEngine>();
        services.AddSingleton<IAdmission>(provider => provider.GetRequiredService<LocalEngine>());
        services.AddSingleton<IServerStatus>(provider => provider.GetRequiredService<LocalEngine>());
        services.AddSingleton<ICompletionBackend<AdmissionLease>>(provider => provider.GetRequiredService<LocalEngine>());
        services.AddHostedService(provider => provider.GetRequiredService<LocalEngine>());
    }

    private static ICompletionRouter MakeRouter(IServiceProvider provider) => CompletionRouting.Create(
        provider.GetRequiredService<IAdmission>(),
        provider.GetRequiredService<ICompletionBackend<AdmissionLease>>(),
        provider.GetRequiredService<LocalInferenceOptions>().Cloud,
        provider.GetRequiredService<InferenceMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILoggerFactory>());
}
