using System.ComponentModel.DataAnnotations;

namespace LocalInference.Host.Settings;

/// <summary>Where the server listens.</summary>
internal sealed class ServerOptions
{
    /// <summary>The address to listen on.</summary>
    /// <value>
    /// Default 127.0.0.1: this machine only. Any other address needs Api:Key, since without a key everybody who reaches the port could use
    /// the model.
    /// </value>
    [Required]
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port.</summary>
    /// <value>0 to 65535, default 8080 as llama.cpp's server has it; 0 takes a free one (the line "Listening on" says which).</value>
    [Range(0, 65535)]
    public int Port { get; init; } = 8080;
}
