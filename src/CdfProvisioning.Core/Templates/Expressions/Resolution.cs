namespace CdfProvisioning.Templates.Expressions;

/// <summary>One device on its way through the template: its parameters, and the resource names found so far.</summary>
internal sealed class Resolution(IReadOnlyDictionary<string, string> parameters, int resourceCount)
{
    /// <summary>For what is the same for every device.</summary>
    public static Resolution Constant { get; } = new(new Dictionary<string, string>(), 0);

    public IReadOnlyDictionary<string, string> Parameters => parameters;

    /// <summary>By the resource's place among the named ones; null until first asked for.</summary>
    public string?[] ResourceNames { get; } = resourceCount == 0 ? [] : new string?[resourceCount];
}
