using LocalInference.Api.Errors;
using LocalInference.Api.Security;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LocalInference.Api.Endpoints;

/// <summary>The routes of the HTTP side.</summary>
public static class ApiRoutes
{
    /// <summary>
    /// Maps <c>/v1</c>, <c>/health</c> and <c>/metrics</c> into an application. Everything else below <c>/v1</c> answers in the same form
    /// that it does not exist; routes elsewhere stay the application's. Call it before the first request is counted: metrics are kept from
    /// here on.
    /// </summary>
    /// <param name="endpoints">The application, or a group of it.</param>
    /// <returns>All the routes, to add conventions to (a host name, rate limits).</returns>
    public static IEndpointConventionBuilder MapLocalInference(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        // First, because it listens from its construction on: what the others count while they are made must not be lost.
        MetricsEndpoint metrics = services.GetRequiredService<MetricsEndpoint>();
        RequestGate gate = services.GetRequiredService<RequestGate>();
        ApiKeyGuard keys = services.GetRequiredService<ApiKeyGuard>();
        ChatCompletionsEndpoint chat = services.GetRequiredService<ChatCompletionsEndpoint>();
        ModelsEndpoint models = services.GetRequiredService<ModelsEndpoint>();
        HealthEndpoints health = services.GetRequiredService<HealthEndpoints>();

        RouteGroupBuilder routes = endpoints.MapGroup("");
        Map("/v1/chat/completions", "POST", chat.HandleAsync, keys.Protect);
        Map("/v1/models", "GET", models.ListAsync, keys.Protect);
        Map("/v1/models/{**id}", "GET", models.GetAsync, keys.Protect);
        Map("/metrics", "GET", metrics.GetAsync, keys.Protect);
        Map("/health", "GET", health.AllAsync, Open);
        Map("/health/live", "GET", health.LiveAsync, Open);
        Map("/health/ready", "GET", health.ReadyAsync, Open);
        routes.Map("/v1/{**path}", gate.Around(keys.Protect(UnknownRouteAsync)));
        return routes;

        void Map(string pattern, string method, RequestDelegate handler, Func<RequestDelegate, RequestDelegate> guard)
        {
            // Probes and proxies ask with HEAD what they could ask with GET.
            string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
            routes.MapMethods(pattern, methods, gate.Around(guard(handler)));
            routes.Map(pattern, gate.Around(guard(http => WrongMethodAsync(http, string.Join(", ", methods)))));
        }

        // A probe has no key.
        static RequestDelegate Open(RequestDelegate handler) => handler;
    }

    /// <summary>
    /// Answers whatever no other route of the application takes in the same form, for an application that is nothing but this server.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    public static IEndpointConventionBuilder MapUnknownRoutes(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapFallback("{**path}", endpoints.ServiceProvider.GetRequiredService<RequestGate>().Around(UnknownRouteAsync));

    private static Task UnknownRouteAsync(HttpContext http) =>
        JsonResponse.WriteErrorAsync(http, ApiError.UnknownRoute(http.Request.Method, http.Request.Path));

    private static Task WrongMethodAsync(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        return JsonResponse.WriteErrorAsync(http, ApiError.MethodNotAllowed(http.Request.Method, http.Request.Path, allowed));
    }
}
