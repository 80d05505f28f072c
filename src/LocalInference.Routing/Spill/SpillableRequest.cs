using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Routing.Spill;

/// <summary>
/// Proof that a request may leave the machine, and the only thing that the cloud client takes. <see cref="TryCreate"/> alone makes one,
/// so a local-only request has no way out that compiles.
/// </summary>
internal sealed class SpillableRequest
{
    /// <summary>Named to the client when neither side says when to come back; every refusal for want of room must name a time.</summary>
    private static readonly TimeSpan UnknownWait = TimeSpan.FromSeconds(1);

    /// <summary>What the cloud's API has words for; every other way to sample is reported as ignored.</summary>
    private static readonly string[] CloudsSampling = ["temperature", "top_p"];

    private SpillableRequest(CompletionRequest request, Prompt.Chat conversation, TimeSpan localRetryAfter)
    {
        Request = request;
        Conversation = conversation;
        LocalRetryAfter = localRetryAfter;
        IgnoredParameters = [.. UncarriedParameters(request, conversation)];
    }

    /// <summary>The request, unchanged.</summary>
    public CompletionRequest Request { get; }

    /// <summary>Its prompt.</summary>
    public Prompt.Chat Conversation { get; }

    /// <summary>
    /// When the local engine expects room again: what the client is told if the cloud is full too and gives no time of its own.
    /// </summary>
    public TimeSpan LocalRetryAfter { get; }

    /// <summary>Sampling that goes with it, by wire name.</summary>
    public IEnumerable<(string Name, double Value)> CarriedSampling => Request.Sampling.Asked().Where(p => CloudsSampling.Contains(p.Name));

    /// <summary>Wire names of what the request set and the cloud's API has no words for; they are left out there.</summary>
    public IReadOnlyList<string> IgnoredParameters { get; }

    /// <summary>Makes the proof when <see cref="SpillPolicy"/> allows it.</summary>
    /// <param name="request">The request that the local engine refused.</param>
    /// <param name="defaultDataClass">Taken where the request names none.</param>
    /// <param name="refusal">What the local engine said.</param>
    /// <param name="spillable">The proof.</param>
    public static bool TryCreate(
        CompletionRequest request,
        DataClass defaultDataClass,
        InferenceFailure refusal,
        [NotNullWhen(true)] out SpillableRequest? spillable)
    {
        spillable = SpillPolicy.MaySpill(refusal.Error, request, defaultDataClass) && request.Prompt is Prompt.Chat conversation
            ? new SpillableRequest(request, conversation, refusal.RetryAfter ?? UnknownWait)
            : null;
        return spillable is not null;
    }

    private static IEnumerable<string> UncarriedParameters(CompletionRequest request, Prompt.Chat conversation)
    {
        foreach ((string name, _) in request.Sampling.Asked())
            if (!CloudsSampling.Contains(name)) yield return name;
        if (request.Stop.IgnoreEndTokens) yield return "ignore_eos";
        if (request.Stop.TokenIds.Count > 0) yield return "stop_token_ids";
        if (conversation.TemplateArguments.Count > 0) yield return "chat_template_kwargs";
    }
}
