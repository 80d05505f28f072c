using System.CommandLine;
using LocalInference.Options;

namespace LocalInference.Host.Settings;

/// <summary>
/// Where settings come from: <c>appsettings.json</c> in the current folder, the environment, the command line; later ones win.
/// </summary>
internal static class SettingsSource
{
    /// <summary>Reads, binds and checks all settings; faults go to standard error, one a line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="listens">Whether the command is a server.</param>
    /// <returns>Null when there were faults.</returns>
    public static (ServerOptions Server, LocalInferenceOptions Inference)? Read(ParseResult parsed, bool listens)
    {
        IConfigurationBuilder sources = new ConfigurationBuilder()
            .SetBasePath(Environment.CurrentDirectory)
            // DeepSeek's own variable is the weakest source: what is set under our name wins.
            .AddInMemoryCollection([KeyValuePair.Create("Cloud:ApiKey", Environment.GetEnvironmentVariable("DEEPSEEK_API_KEY"))])
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(SettingArguments.Values(parsed));

        (ServerOptions Server, LocalInferenceOptions Inference) options;
        IReadOnlyList<string> faults;
        try
        {
            options = SettingsBinder.Bind(sources.Build(), listens, out faults);
        }
        catch (InvalidDataException broken)
        {
            (options, faults) = (default, [$"appsettings.json: {broken.Message} {broken.InnerException?.Message}"]);
        }
        foreach (string fault in faults) Console.Error.WriteLine(fault);
        return faults.Count == 0 ? options : null;
    }
}
