using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>Tests that measure what the whole process takes: no other test runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public static class Alone;
