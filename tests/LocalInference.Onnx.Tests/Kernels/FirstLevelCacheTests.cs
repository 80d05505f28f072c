using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Tests.Kernels;

public class FirstLevelCacheTests
{
    private const string Folder = "/sys/devices/system/cpu/cpu0/cache/index0";

    [Fact]
    public void Bytes_OfThisProcessor_IsWhatTheSystemTells()
    {
        Assert.SkipUnless(File.Exists($"{Folder}/size") && File.ReadAllText($"{Folder}/type").Trim() == "Data", "This system does not tell its caches.");
        Assert.Equal(File.ReadAllText($"{Folder}/size").Trim(), $"{FirstLevelCache.Bytes / 1024}K");
    }
}
