using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
internal sealed class ModelsEndpoint(ModelCatalog catalog)
{
    public Task ListAsync(HttpContext http) =>
        catalog.TryGet(out ServedModel? model, out ApiError? error)
            ? JsonResponse.WriteAsync(http, StatusCodes.Status200OK, model, WriteList)
            : JsonResponse.WriteErrorAsync(http, error);

    public Task GetAsync(HttpContext http)
    {
        string id = (string?)http.Request.RouteValues["id"] ?? "";
        return catalog.TryFind(id, out ServedModel? model, out ApiError? error)
            ? JsonResponse.WriteAsync(
                http, StatusCodes.Status200OK, (id, model), static (json, named) => WriteModel(json, named.id, named.model))
            : JsonResponse.WriteErrorAsync(http, error);
    }

    private void WriteList(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (string id in catalog.IdsOf(model)) WriteModel(json, id, model);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>OpenAI's object with vLLM's two additions: which model an alias stands for, and its context.</summary>
    private static void WriteModel(Utf8JsonWriter json, string id, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.Created.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, "local"u8);
        json.WriteString("root"u8, model.Id);
        json.WriteNumber("max_model_len"u8, model.ContextTokens);
        json.WriteEndObject();
    }
}
