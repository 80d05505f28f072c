using System.CommandLine;
using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Host.Commands;

/// <summary>Text to token ids, JSON lines in and out.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        Option<string> path = TokenizerOption.Create();
        Option<bool> plain = new("--plain")
        {
            Description = "Reads the text as a user's: added tokens such as <｜Assistant｜> in it stay text.",
        };
        Command command = new(
            "tokenize",
            "Reads JSON lines {\"text\"} and writes {\"ids\"}. Added tokens in the text are recognised; no BOS is added.") { path, plain };
        command.SetAction((parsed, cancelled) => TokenizerOption.RunAsync(parsed.GetValue(path)!, cancelled, tokenizer =>
        {
            bool isPlain = parsed.GetValue(plain);
            if (isPlain && tokenizer.Bpe is null)
                throw new InvalidDataException(
                    $"--plain needs a tokenizer.json; this is a {tokenizer.Tokenizer.GetType().Name}, which cannot tell user text apart.");
            return line => LineFields.TryText(line, "text", out string text, out string fault)
                ? new JsonObject { ["ids"] = new JsonArray([.. Encode(tokenizer, text, isPlain).Select(id => JsonValue.Create(id))]) }
                : JsonLines.Error(fault);
        }));
        return command;
    }

    private static IEnumerable<int> Encode(TokenizerFolder tokenizer, string text, bool isPlain)
    {
        if (tokenizer.Bpe is not { } bpe) return tokenizer.Tokenizer.EncodeToIds(text);
        TokenBuffer ids = new();
        bpe.Encode(text, addedTokens: !isPlain, ids);
        return ids.ToArray();
    }
}
