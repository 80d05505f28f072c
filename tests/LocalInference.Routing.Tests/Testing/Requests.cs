using System.Text.Json;
using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Spill;

namespace LocalInference.Routing.Tests.Testing;

/// <summary>Requests and refusals that tests begin with, and generators of all of them.</summary>
internal static class Requests
{
    public const string Secret = "The launch code is swordfish-4711 and nobody may know it.";

    public static readonly InferenceFailure Full = new(
        InferenceError.QueueFull, "All places are taken.", RetryAfter: TimeSpan.FromSeconds(7));

    public static readonly Gen<InferenceError> AnyError = Gen.Enum<InferenceError>();

    /// <summary>Requests of every kind, data class aside.</summary>
    public static readonly Gen<CompletionRequest> AnyRequest =
        from chat in Gen.Bool
        from parsed in Gen.Bool
        from seed in Gen.Long.Nullable()
        from topK in Gen.Int[0, 50].Nullable()
        from dataClass in Gen.Enum<DataClass>().Nullable()
        select Chat() with
        {
            Prompt = chat ? Chat().Prompt : new Prompt.Tokens(new[] { 1, 2 }),
            Output = parsed ? OutputForm.Parsed : OutputForm.Tokens,
            Sampling = new SamplingOptions { Seed = seed, TopK = topK },
            DataClass = dataClass,
        };

    public static CompletionRequest Chat(params ChatMessage[] messages) => new()
    {
        Id = "chatcmpl-1",
        Prompt = new Prompt.Chat { Messages = messages.Length > 0 ? messages : [new ChatMessage { Role = "user", Content = Secret }] },
        DataClass = DataClass.Any,
    };

    public static SpillableRequest Spillable(CompletionRequest? request = null) =>
        SpillableRequest.TryCreate(request ?? Chat(), DataClass.LocalOnly, Full, out SpillableRequest? spillable)
            ? spillable
            : throw new InvalidOperationException("The request may not leave the machine.");

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
