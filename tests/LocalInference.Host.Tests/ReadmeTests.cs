using System.ClientModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalInference.Host.Tests.Processes;
using LocalInference.Testing;
using OpenAI;
using OpenAI.Chat;

namespace LocalInference.Host.Tests;

/// <summary>The README's examples work as printed.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public async Task Curl_AsPrinted_Answers()
    {
        await using HostProcess host = await HostProcess.ServeAsync();
        string answer = await BashAsync(Block("bash", "curl").Replace("127.0.0.1:8080", host.Url.Authority));
        Assert.Contains("17 + 25 = 42", answer);
    }

    [Fact]
    public async Task Client_AsPrinted_StreamsTheAnswer()
    {
        await using HostProcess host = await HostProcess.ServeAsync();
        StringWriter Console = new();
        // README: the official OpenAI client
        ChatClient client = new("tiny-r1", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri("http://127.0.0.1:8080/v1".Replace("127.0.0.1:8080", host.Url.Authority)) });
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync("What is the capital of France?"))
            foreach (ChatMessageContentPart part in update.ContentUpdate)
                Console.Write(part.Text);
        // README: end
        Assert.Contains("Paris", Console.ToString());
        string here = File.ReadAllText(Path.Combine(Repository.Root, "tests", "LocalInference.Host.Tests", "ReadmeTests.cs"));
        string compiled = Between(here, "// README: the official OpenAI client\n", "// README: end").Replace(".Replace(\"127.0.0.1:8080\", host.Url.Authority)", "");
        Assert.Equal(Words(Block("csharp", "ChatClient")), Words(compiled));
    }

    [Fact]
    public async Task Generate_AsPrinted_Counts()
    {
        string answer = await BashAsync(Block("bash", "generate --model models/tiny-r1")
            .Replace("./scripts/localinference", $"dotnet '{HostProcess.Program}'"));
        Assert.Contains("1, 2, 3, 4, 5", answer);
    }

    [Fact]
    public void Scripts_NamedInTheReadme_Exist()
    {
        foreach (Match script in ScriptNames().Matches(Readme))
            Assert.True(File.Exists(Path.Combine(Repository.Root, script.Value)), script.Value);
    }

    private static string Block(string language, string containing) =>
        CodeBlocks().Matches(Readme).Single(m => m.Groups[1].Value == language && m.Groups[2].Value.Contains(containing)).Groups[2].Value;

    private static string Between(string text, string from, string to)
    {
        int start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
    }

    private static string[] Words(string code) => code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> BashAsync(string script)
    {
        ProcessStartInfo start = new("bash", ["-c", script]) { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        using Process bash = Process.Start(start)!;
        string output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, bash.ExitCode);
        return output;
    }

    [GeneratedRegex(@"```(\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();

    [GeneratedRegex(@"(scripts/\w+|\.ci/run)")]
    private static partial Regex ScriptNames();
}
