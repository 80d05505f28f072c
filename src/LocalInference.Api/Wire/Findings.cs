using System.Text.Json;
using LocalInference.Api.Errors;

namespace LocalInference.Api.Wire;

/// <summary>
/// What reading a request brought to light: every fault, so that the client hears of all at once, and every field that nobody reads.
/// </summary>
internal sealed class Findings
{
    // A body of a million bad elements must not come back, or be kept, as a million sentences.
    private const int MaxFaultsShown = 20;

    private readonly List<Fault> _shown = [];
    private readonly HashSet<string> _ignored = new(StringComparer.Ordinal);
    private int _faultCount;

    public bool HasFaults => _faultCount > 0;

    /// <summary>Fields present in the request that have no effect, by path, each once.</summary>
    public IReadOnlyCollection<string> Ignored => _ignored;

    /// <summary>A value that is not allowed.</summary>
    public void Invalid(string field, JsonElement found, string allowed) => Invalid(field, Found.Describe(found), allowed);

    /// <inheritdoc cref="Invalid(string, JsonElement, string)"/>
    public void Invalid(string field, string found, string allowed) =>
        Add(new Fault(field, ErrorCodes.InvalidValue, $"{field}: found {found}; allowed: {allowed}."));

    /// <summary>A value that another server may honour and this one does not.</summary>
    public void Unsupported(string field, JsonElement found, string allowed) =>
        Add(new Fault(
            field, ErrorCodes.UnsupportedParameter, $"{field} is not supported: found {Found.Describe(found)}; allowed: {allowed}."));

    /// <summary>A field without effect.</summary>
    public void Ignore(string field) => _ignored.Add(field);

    /// <summary>All faults as one error; its code and parameter are the first fault's.</summary>
    public ApiError ToError()
    {
        IEnumerable<string> sentences = _shown.Select(fault => fault.Message);
        if (_faultCount > _shown.Count)
            sentences = sentences.Append($"{_faultCount - _shown.Count} more faults of this request are not listed.");
        return ApiError.Invalid(string.Join(" ", sentences), _shown[0].Field, _shown[0].Code);
    }

    private void Add(Fault fault)
    {
        _faultCount++;
        if (_shown.Count < MaxFaultsShown) _shown.Add(fault);
    }

    private sealed record Fault(string Field, string Code, string Message);
}
