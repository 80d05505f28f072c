using LocalInference.Core.Execution;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Models;

public class ModelPathsTests
{
    [Fact]
    public void Resolve_LinkInsideTheFolder_GivesTheRealFile()
    {
        using var folder = new TemporaryFolder();
        string real = folder.Write("weights/v1.onnx", "");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "model.onnx"), real);
        Assert.Equal(
            ModelPaths.RealPath(real), ModelPaths.Resolve(folder.Path, "model.onnx", "genai_config.json", "model.decoder.filename"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resolve_LinkOutOfTheFolder_IsRefused(bool linksFolder)
    {
        using TemporaryFolder folder = new(), outside = new();
        string secret = outside.Write("secret", "");
        string name = linksFolder ? "sub/secret" : "model.onnx";
        if (linksFolder)
            Directory.CreateSymbolicLink(Path.Combine(folder.Path, "sub"), outside.Path);
        else
            File.CreateSymbolicLink(Path.Combine(folder.Path, "model.onnx"), secret);
        string message = Assert.Throws<ModelFolderException>(
            () => ModelPaths.Resolve(folder.Path, name, "genai_config.json", "model.decoder.filename")).Message;
        Assert.Contains($"'{name}', a link to '{ModelPaths.RealPath(secret)}'; allowed: a file that lies inside", message);
    }

    [Fact]
    public void Load_SnapshotOfAHuggingFaceCache_FollowsItsLinksToTheBlobs()
    {
        using var cache = new TemporaryFolder();
        string repository = Path.Combine(cache.Path, "models--owner--tiny"), snapshot = Path.Combine(repository, "snapshots", "abc");
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(repository, "blobs"));
        foreach (string file in Directory.EnumerateFiles(Repository.TinyR1))
        {
            string blob = Path.Combine(repository, "blobs", $"sha-{Path.GetFileName(file).GetHashCode(StringComparison.Ordinal):x}");
            File.WriteAllBytes(blob, File.ReadAllBytes(file));
            File.CreateSymbolicLink(
                Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
        }
        using IModelRunner runner = OnnxModel.Load(snapshot, new OnnxModelOptions(), NullLogger.Instance).CreateRunner(new RunnerOptions());
        (int[] prompt, int[] answer) = Questions.All[0];
        Assert.Equal(answer, new GreedyLoop(runner).Run([prompt], 1, 600, Questions.EndToken)[0]);
    }
}
