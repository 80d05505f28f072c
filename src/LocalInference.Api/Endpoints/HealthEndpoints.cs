using System.Text.Json;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Endpoints;

/// <summary>What probes ask: alive (restart me when not), ready (send me requests), and everything known for people.</summary>
internal sealed class HealthEndpoints(IServerStatus status)
{
    public Task LiveAsync(HttpContext http) => WriteAsync(http, status.IsAlive, static (json, health) =>
    {
        json.WriteString("status"u8, health.IsAlive ? "alive"u8 : "stuck"u8);
        if (!health.IsAlive) json.WriteString("reason"u8, DeathOf(health));
    });

    public Task ReadyAsync(HttpContext http) => WriteAsync(http, IsReady(status), static (json, health) => WriteState(json, health));

    public Task AllAsync(HttpContext http) => WriteAsync(http, status.IsAlive, static (json, health) =>
    {
        WriteState(json, health);
        json.WriteBoolean("alive"u8, health.IsAlive);
        json.WritePropertyName("model"u8);
        if (health.Model is { } model) WriteModel(json, model);
        else json.WriteNullValue();
        json.WriteStartObject("facts"u8);
        foreach ((string name, object value) in health.Facts)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value, value.GetType());
        }
        json.WriteEndObject();
    });

    /// <summary>A stuck engine takes requests and never answers them, whatever its phase says.</summary>
    private static bool IsReady(IServerStatus health) => health is { Phase: ServerPhase.Ready, IsAlive: true };

    private static string DeathOf(IServerStatus health) => health.Phase == ServerPhase.Failed
        ? health.Reason
        : "A step has been running for longer than any step should, or the engine has ended by an error; "
            + "restart the server, its log says why.";

    private Task WriteAsync(HttpContext http, bool isWell, Action<Utf8JsonWriter, IServerStatus> writeBody)
    {
        http.Response.Headers.CacheControl = "no-store";
        int code = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonResponse.WriteAsync(http, code, (status, writeBody), static (json, body) =>
        {
            json.WriteStartObject();
            body.writeBody(json, body.status);
            json.WriteEndObject();
        });
    }

    private static void WriteState(Utf8JsonWriter json, IServerStatus health)
    {
        json.WriteString("status"u8, IsReady(health) ? "ready"u8 : "not_ready"u8);
        json.WriteString("phase"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(health.Phase.ToString()));
        json.WriteString("reason"u8, health.Reason);
    }

    private static void WriteModel(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteNumber("context_tokens"u8, model.ContextTokens);
        json.WriteNumber("vocabulary_size"u8, model.VocabularySize);
        json.WriteStartObject("default_sampling"u8);
        json.WriteNumber("temperature"u8, model.DefaultSampling.Temperature);
        json.WriteNumber("top_p"u8, model.DefaultSampling.TopP);
        json.WriteNumber("top_k"u8, model.DefaultSampling.TopK);
        json.WriteNumber("min_p"u8, model.DefaultSampling.MinP);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
