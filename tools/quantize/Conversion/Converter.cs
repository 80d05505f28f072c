using System.Collections.Concurrent;
using LocalInference.Quantize.Calibration;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Graph.Architectures;
using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Conversion;

/// <summary>Turns a checkpoint into a served folder: plan, then stream every tensor from its source to its place, on all cores.</summary>
/// <param name="source">What.</param>
/// <param name="options">How.</param>
internal sealed class Converter(ModelSource source, ConversionOptions options)
{
    // Parts whose source stays in memory before it is let go of: some tens of megabytes.
    private const int PartsKept = 64;

    /// <summary>Writes the folder's files.</summary>
    /// <param name="folder">Where; empty.</param>
    /// <param name="makeProgress">Makes the progress bar for so many weights.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    /// <returns>What was stored, with its errors.</returns>
    public WeightPlan Write(OutputFolder folder, Func<long, ProgressBar> makeProgress, CancellationToken cancellationToken)
    {
        // 1. The whole graph and the place of every tensor; all shapes are checked here, before anything is written.
        IQuantizationMethod method = Method(cancellationToken);
        var plan = new WeightPlan(method);
        var catalog = new WeightCatalog(source.Weights);
        var context = new DecoderContext(source.Config, options.Precision, catalog, plan, new GraphBuilder(options.Precision.Activations))
        {
            MultipliesAuthorsFactor = options.MultipliesAuthorsFactor,
        };
        RefuseLayersBeyond(source.Config.LayerCount);
        Architecture.Find(source.Config.Architecture).Build(context);
        catalog.RefuseLeftovers(source.Config.IsTied);
        // 2. The weights.
        using (ProgressBar progress = makeProgress(plan.Jobs.Sum(j => j.ElementCount)))
        using (var data = new DataFile(folder.Create(GraphBuilder.DataFileName, plan.Length)))
            foreach (IGrouping<int, WeightJob> group in plan.Jobs.GroupBy(j => j.Group).OrderBy(g => g.Key))
            {
                method.Prepare(group.Key, cancellationToken);
                WriteGroup(group, source.Weights, data, progress, cancellationToken);
            }
        // 3. The small files.
        folder.Write(GenAiConfigFile.GraphFileName, context.Builder.Build(plan.Tensors));
        new GenAiConfigFile(source.Config, source.ConfigFile, source.Generation, source.Tokenizer).Write(folder,
            options.Precision.IsForGpu);
        source.Tokenizer.CopyTo(folder, source.Config.ContextTokens);
        return plan;
    }

    private void RefuseLayersBeyond(int count)
    {
        if (options.Precision.LayerBits.Keys.Where(l => l >= count).Order().ToArray() is [var first, ..])
            throw new QuantizeException($"--layer-bits names layer {first}; this model has {count} layers, from 0 to {count - 1}.");
    }

    private IQuantizationMethod Method(CancellationToken cancellationToken) => options.Method switch
    {
        MethodName.Mse => new SameForAll(new MeanSquareSearch()),
        MethodName.Gptq => new Gptq(source.Config, source.Weights, RotaryTable.Of(source.Config, options.MultipliesAuthorsFactor),
            options.Calibration!.Sequences, cancellationToken),
        _ => new SameForAll(new RoundToNearest()),
    };

    private static void WriteGroup(IEnumerable<WeightJob> jobs, IWeightSource weights, DataFile data, ProgressBar progress,
        CancellationToken cancellationToken)
    {
        IEnumerable<(WeightJob Job, int Part)> parts = jobs.SelectMany(j => Enumerable.Range(0, j.PartCount).Select(p => (j, p)));
        int done = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
                part =>
                {
                    part.Job.Write(part.Part, data);
                    progress.Add(part.Job.Name, part.Job.ElementCount / part.Job.PartCount);
                    if (Interlocked.Increment(ref done) % PartsKept == 0)
                        weights.Release();
                });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<QuantizeException>().FirstOrDefault() is { } fault)
        {
            throw new QuantizeException(fault.Message, fault);
        }
    }
}
