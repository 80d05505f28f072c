namespace LocalInference.Engine.Sampling;

/// <summary>
/// What min_p, top_k and top_p leave: the tokens with a greater logit, and of those with an equal one the ids from
/// <paramref name="Id"/> on.
/// </summary>
/// <param name="Logit">The least logit that stays; −∞ keeps all.</param>
/// <param name="Id">The lowest id that stays with it.</param>
internal readonly record struct Cut(float Logit, int Id);
