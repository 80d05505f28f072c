namespace LocalInference.Onnx.Runner;

/// <summary>What a step copied between host and device.</summary>
/// <param name="UploadedBytes">The step's description.</param>
/// <param name="DownloadedBytes">What its rows are wanted for, and nothing else.</param>
internal readonly record struct StepTraffic(long UploadedBytes, long DownloadedBytes);
