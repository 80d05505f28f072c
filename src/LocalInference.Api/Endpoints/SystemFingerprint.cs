using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Endpoints;

/// <summary>
/// A short name for everything that may change the local answers to the same request: the weights, and those facts that are words or yes/no
/// (device, kernels, batch invariance). Facts that are numbers may be measurements and do not count.
/// </summary>
internal static class SystemFingerprint
{
    private const int Digits = 12;

    public static string Of(ServedModel model, IReadOnlyDictionary<string, object> facts)
    {
        StringBuilder text = new();
        text.Append(model.Id).Append('\n').Append(model.Created.ToUnixTimeSeconds());
        var decisive = facts.Where(fact => fact.Value is string or bool).OrderBy(fact => fact.Key, StringComparer.Ordinal);
        foreach ((string name, object value) in decisive)
            text.Append('\n').Append(name).Append('=').Append(Convert.ToString(value, CultureInfo.InvariantCulture));
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return $"fp_{Convert.ToHexStringLower(hash)[..Digits]}";
    }
}
