using System.Diagnostics.CodeAnalysis;
using LocalInference.Api.Errors;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Endpoints;

/// <summary>Under which ids the local model goes: its own first, then the configured aliases.</summary>
internal sealed class ModelCatalog(IServerStatus status, ApiOptions options)
{
    /// <summary>Every id of a model.</summary>
    public IEnumerable<string> IdsOf(ServedModel model) => options.ModelAliases.Prepend(model.Id).Distinct(StringComparer.Ordinal);

    /// <summary>The local model, once it is known.</summary>
    public bool TryGet([NotNullWhen(true)] out ServedModel? model, [NotNullWhen(false)] out ApiError? error)
    {
        model = status.Model;
        error = model is not null ? null : ErrorTable.ToApiError(
            new InferenceFailure(InferenceError.NotReady, $"The model is not known yet: {status.Reason}"));
        return model is not null;
    }

    /// <summary>The model that goes under an id.</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out ServedModel? model, [NotNullWhen(false)] out ApiError? error)
    {
        if (!TryGet(out model, out error)) return false;
        if (IdsOf(model).Contains(id, StringComparer.Ordinal)) return true;
        string message = $"The model '{id}' is not served here; served: {string.Join(", ", IdsOf(model))}.";
        error = ErrorTable.ToApiError(new InferenceFailure(InferenceError.ModelNotFound, message, "model"));
        model = null;
        return false;
    }
}
