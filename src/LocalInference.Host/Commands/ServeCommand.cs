using System.CommandLine;
using System.Net.Sockets;
using LocalInference.Api.Endpoints;
using LocalInference.Host.Settings;
using LocalInference.Hosting;
using LocalInference.Options;

namespace LocalInference.Host.Commands;

/// <summary>Serves a model over HTTP until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Command command = new(
            "serve",
            "Serves a model over HTTP. Says 'Listening on URL' on standard output when it is ready; SIGTERM lets running answers finish.");
        foreach (Option<string> option in SettingArguments.CreateOptions(listens: true)) command.Add(option);
        command.SetAction((parsed, cancelled) => SettingsSource.Read(parsed, listens: true) is { } options
            ? RunAsync(options.Server, options.Inference, cancelled)
            : Task.FromResult(ExitCodes.BadCommandLine));
        return command;
    }

    private static async Task<int> RunAsync(ServerOptions server, LocalInferenceOptions inference, CancellationToken cancelled)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        string url = new UriBuilder("http", server.Host, server.Port).Uri.GetLeftPart(UriPartial.Authority);
        builder.WebHost.UseUrls(url);
        builder.Logging.ToStandardError();
        bool hasStarted = false;
        // What goes wrong before is told below, in words and without a stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => hasStarted && level >= LogLevel.Warning);
        builder.Services.AddLocalInference(inference);
        await using WebApplication app = builder.Build();
        app.MapLocalInference();
        app.MapUnknownRoutes();

        try
        {
            await app.StartAsync(cancelled);
            hasStarted = true;
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // Kestrel wraps some of the system's refusals and not others.
            Console.Error.WriteLine(
                $"Host, Port: {url} cannot be listened on: {fault.GetBaseException().Message}. "
                + "Choose others, or --port 0 for any free port.");
            return ExitCodes.BadCommandLine;
        }
        LocalEngine engine = app.Services.GetRequiredService<LocalEngine>();
        try
        {
            await engine.Ready.WaitAsync(app.Lifetime.ApplicationStopping);
            Console.WriteLine($"Listening on {app.Urls.First()}");
            await app.WaitForShutdownAsync(cancelled);
            return ExitCodes.Success;
        }
        catch (ModelLoadException)
        {
            // The log has said why, on standard error.
            await app.StopAsync(CancellationToken.None);
            return ExitCodes.ModelNotLoaded;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.WaitForShutdownAsync(CancellationToken.None);
            return ExitCodes.Success;
        }
    }
}
