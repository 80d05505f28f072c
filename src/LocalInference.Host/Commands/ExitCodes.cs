namespace LocalInference.Host.Commands;

/// <summary>What the process says to its caller when it ends.</summary>
internal static class ExitCodes
{
    /// <summary>Done; for JSON-lines commands: every line got its line, errors included.</summary>
    public const int Success = 0;

    /// <summary>The command line or a setting is wrong.</summary>
    public const int BadCommandLine = 1;

    /// <summary>The model cannot be loaded.</summary>
    public const int ModelNotLoaded = 2;
}
