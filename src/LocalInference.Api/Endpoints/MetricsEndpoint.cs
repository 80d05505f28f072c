using LocalInference.Api.Telemetry;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Endpoints;

/// <summary><c>GET /metrics</c>: Prometheus text.</summary>
internal sealed class MetricsEndpoint(PrometheusBridge bridge)
{
    public Task GetAsync(HttpContext http)
    {
        http.Response.ContentType = PrometheusBridge.ContentType;
        return bridge.WriteAsync(http.Response.Body, http.RequestAborted);
    }
}
