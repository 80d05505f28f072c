using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Checks a step's description before the kernel trusts it with addresses. Block numbers are the runner's duty: it checks them once, not once a layer.</summary>
internal static unsafe class AttentionStep
{
    /// <returns>A status; null is success.</returns>
    public static void* Check(AttentionJob* job)
    {
        AttentionMemory* memory = job->Node->Memory;
        if (job->TokenCount > memory->TileCapacity)
            return OrtFunctions.Fail($"A step of {job->TokenCount} tokens exceeds the {memory->TileCapacity} that attention was made for.");
        if (job->CumulativeLengths[0] != 0 || job->CumulativeLengths[job->SequenceCount] != job->TokenCount)
            return OrtFunctions.Fail(
                $"The step's cumulative lengths go from {job->CumulativeLengths[0]} to {job->CumulativeLengths[job->SequenceCount]}, "
                + $"not from 0 to its {job->TokenCount} tokens.");
        for (int sequence = 0; sequence < job->SequenceCount; sequence++)
            if (Fault(job, sequence) is { } fault)
                return OrtFunctions.Fail(fault);
        return null;
    }

    private static string? Fault(AttentionJob* job, int sequence)
    {
        AttentionNode* node = job->Node;
        int past = job->PastLengths[sequence], added = job->NewTokens(sequence);
        if (past < 0 || added < 1)
            return $"Sequence {sequence} of the step has {past} tokens in the cache and {added} new ones; at least 0 and 1 are allowed.";
        if (node->Cos is not null && past + added > node->RotaryPositions)
            return $"Sequence {sequence} of the step reaches position {past + added}, but the model has {node->RotaryPositions}.";
        long room = (long)job->BlockTableWidth * node->Memory->BlockTokens;
        return past + added > room ? $"Sequence {sequence} of the step takes {past + added} tokens, but its blocks hold {room}." : null;
    }
}
