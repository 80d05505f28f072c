namespace LocalInference.Engine.Completions;

/// <summary>How busy the engine is, read at one moment. Each number is whole by itself; two may come from neighbouring steps.</summary>
/// <param name="Running">Sequences that take part in steps.</param>
/// <param name="Waiting">Sequences that wait for their first step, or for their next after giving their blocks back.</param>
/// <param name="TakenPlaces">Places that admission has given out and not got back.</param>
/// <param name="Places">Places there are, running and waiting together.</param>
/// <param name="UsedBlocks">Cache blocks in use.</param>
/// <param name="BlockCount">Cache blocks there are.</param>
internal readonly record struct EngineLoad(int Running, int Waiting, int TakenPlaces, int Places, int UsedBlocks, int BlockCount);
