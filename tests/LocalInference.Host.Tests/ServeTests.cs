using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using LocalInference.Host.Tests.Processes;
using LocalInference.Testing;

namespace LocalInference.Host.Tests;

/// <summary>The <c>serve</c> command as a process: settings, readiness, stopping.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task Settings_Wrong_AllFaultsAreListedAtOnce()
    {
        await using HostProcess host = HostProcess.Start(
            ["serve", "--model", Repository.TinyR1, "--port", "70000", "--Engine:MaxSequences", "0", "--Engine:StepTokens", "many", "--Cloud:BaseUrl", "http://example.org", "--Host", "0.0.0.0"],
            new Dictionary<string, string> { ["Engine__Colour"] = "red" });
        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("Port: found 70000", host.Errors);
        Assert.Contains("Engine:MaxSequences: found 0", host.Errors);
        Assert.Contains("Engine:StepTokens: found 'many'", host.Errors);
        Assert.Contains("Cloud:Model", host.Errors);
        Assert.Contains("https", host.Errors);
        Assert.Contains("Engine:Colour", host.Errors);
        Assert.Contains("Api:Key", host.Errors);
    }

    [Fact]
    public async Task Model_NotThere_EndsWithTwoAndSaysWhich()
    {
        await using HostProcess host = HostProcess.Start(["serve", "--model", "no-such-folder", "--port", "0"]);
        Assert.Equal(2, await host.ExitAsync());
        Assert.Contains("no-such-folder", host.Errors);
    }

    [Fact]
    public async Task Port_Taken_EndsWithOneAndSaysWhatToDo()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using HostProcess host = HostProcess.Start(["serve", "--model", Repository.TinyR1, "--port", $"{port}"]);
        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains($"Host, Port: http://127.0.0.1:{port} ", host.Errors);
        Assert.Contains("--port 0", host.Errors);
        Assert.DoesNotContain("   at ", host.Errors);
    }

    /// <summary>An address of documentation (RFC 5737) is nobody's.</summary>
    [Fact]
    public async Task Host_OfAnotherMachine_EndsWithOneAndSaysWhich()
    {
        await using HostProcess host = HostProcess.Start(
            ["serve", "--model", Repository.TinyR1, "--port", "0", "--host", "192.0.2.1", "--Api:Key", "sk-local"]);
        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("192.0.2.1", host.Errors);
        Assert.DoesNotContain("   at ", host.Errors);
    }

    [Fact]
    public async Task Help_OfServe_ExplainsEverySetting()
    {
        await using HostProcess host = HostProcess.Start(["serve", "--help"]);
        Assert.Equal(0, await host.ExitAsync());
        string help = string.Join("\n", host.Output);
        foreach (string key in (string[])["--model", "--port", "--Engine:MaxSequences", "--Engine:KvCacheBytes", "--Cloud:BaseUrl", "--Api:Key"])
            Assert.Contains(key, help);
        Assert.Contains("8080", help);
    }

    [Fact]
    public async Task Environment_SetsWhatTheCommandLineDoesNot()
    {
        await using HostProcess host = HostProcess.Start(
            ["serve", "--model", Repository.TinyR1, "--port", "0"], new Dictionary<string, string> { ["Api__Key"] = "sk-local" });
        using HttpClient client = new() { BaseAddress = await host.Listening };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-local");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Terminate_WhileStreaming_ReadyTurns503AndTheStreamFinishes()
    {
        await using HostProcess host = await HostProcess.ServeAsync();
        using HttpClient client = new() { BaseAddress = host.Url };
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "tiny-r1", stream = true, max_tokens = 1500, ignore_eos = true, messages = new[] { new { role = "user", content = "Tell a story." } } }),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        host.Terminate();
        while ((await client.GetAsync("/health/ready", cancelled)).StatusCode != HttpStatusCode.ServiceUnavailable) await Task.Yield();
        using HttpResponseMessage refused = await client.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "tiny-r1", messages = new[] { new { role = "user", content = "Hi" } } }, cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        string stream = await response.Content.ReadAsStringAsync(cancelled);
        Assert.EndsWith("data: [DONE]\n\n", stream);
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    public async Task Health_WhenReady_TellsTheFacts()
    {
        await using HostProcess host = await HostProcess.ServeAsync();
        using HttpClient client = new() { BaseAddress = host.Url };
        JsonElement health = await client.GetFromJsonAsync<JsonElement>("/health", TestContext.Current.CancellationToken);
        Assert.Contains("batch_invariant", health.GetRawText());
        string metrics = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("num_requests_running", metrics);
    }
}
