namespace CdfProvisioning.Provisioning;

/// <summary>
/// A device's parameters as they were handed in. Beside the texts it knows which names came without a value (an empty cell,
/// null), and which with one that no parameter can have (an object, an array): that matters only where something uses it.
/// </summary>
internal sealed class GivenParameters : Dictionary<string, string>
{
    private List<string>? _withoutValue;
    private List<KeyValuePair<string, string>>? _unusable;

    public GivenParameters()
    {
    }

    public GivenParameters(int capacity)
        : base(capacity)
    {
    }

    /// <summary>The names that are there, and have no value.</summary>
    public IReadOnlyList<string> WithoutValue => _withoutValue ?? [];

    /// <summary>The names whose values are no text, and what they are instead: <c>an object</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Unusable => _unusable ?? [];

    /// <summary>Why the row could not be read, where a list goes on all the same: it has no parameters then, and fails.</summary>
    public string? Problem { get; init; }

    /// <summary>All names, with and without a value.</summary>
    public IEnumerable<string> Names => _withoutValue is null && _unusable is null ? Keys : Keys.Concat(WithoutValue).Concat(Unusable.Select(u => u.Key));

    /// <summary>The names of any parameters: where they are not of this kind, each has a value.</summary>
    public static IEnumerable<string> NamesOf(IReadOnlyDictionary<string, string> parameters) => parameters is GivenParameters given ? given.Names : parameters.Keys;

    /// <summary>Why a row could not be read; null for one that was.</summary>
    public static string? ProblemOf(IReadOnlyDictionary<string, string> parameters) => (parameters as GivenParameters)?.Problem;

    public void AddWithoutValue(string name) => (_withoutValue ??= []).Add(name);

    public void AddUnusable(string name, string kind) => (_unusable ??= []).Add(new(name, kind));

    public bool Has(string name) => ContainsKey(name) || (_withoutValue?.Contains(name) ?? false) || (_unusable?.Exists(u => u.Key == name) ?? false);
}
