using System.Security.Cryptography;
using System.Text;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Security;

/// <summary>
/// Lets a request through when it carries one of the configured keys, or when none is configured. Keys are kept and compared as hashes:
/// every comparison takes the same time, so that neither a key's text, its length nor its place in the list can be measured from outside.
/// </summary>
internal sealed class ApiKeyGuard(ApiOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _hashes = [.. options.Key.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>The handler behind the guard.</summary>
    public RequestDelegate Protect(RequestDelegate handler) => _hashes.Length == 0 ? handler : http => HandleAsync(http, handler);

    private Task HandleAsync(HttpContext http, RequestDelegate handler)
    {
        string header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsKey(header[Scheme.Length..].Trim()))
            return handler(http);
        http.Response.Headers.WWWAuthenticate = "Bearer";
        string found = header.Length == 0 ? "is absent" : "does not hold a key of this server";
        return JsonResponse.WriteErrorAsync(
            http, ApiError.InvalidKey($"An API key is needed and the Authorization header {found}; send 'Authorization: Bearer <key>'."));
    }

    private bool IsKey(string candidate)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(candidate));
        bool isKey = false;
        foreach (byte[] known in _hashes) isKey |= CryptographicOperations.FixedTimeEquals(known, hash);
        return isKey;
    }
}
