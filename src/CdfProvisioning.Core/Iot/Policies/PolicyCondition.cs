using System.Globalization;
using System.Net;


namespace CdfProvisioning.Iot.Policies;

/// <summary>One key of one operator in a statement's Condition (IAM User Guide, condition operators; multivalued context keys).</summary>
internal sealed class PolicyCondition
{
    private const string IfExists = "IfExists", ForAllValues = "ForAllValues:", ForAnyValue = "ForAnyValue:", IsNull = "Null";

    private readonly Operator _operator;
    private readonly string _operatorName;
    private readonly string _key;
    private readonly IReadOnlyList<PolicyPattern> _values;
    private readonly bool _acceptsMissing;
    private readonly bool _isForAll;

    private PolicyCondition(string name, Operator condition, string key, IReadOnlyList<PolicyPattern> values, bool acceptsMissing, bool isForAll)
    {
        _operatorName = name;
        _operator = condition;
        _key = key;
        _values = values;
        _acceptsMissing = acceptsMissing;
        _isForAll = isForAll;
    }

    public string Key => _key;

    public IEnumerable<PolicyPattern> Values => _values;

    /// <returns>Null if there is no such operator.</returns>
    public static PolicyCondition? Parse(string operatorName, string key, IReadOnlyList<string> values, bool hasVariables)
    {
        var name = operatorName.AsSpan();
        var isForAll = name.StartsWith(ForAllValues, StringComparison.OrdinalIgnoreCase);
        if (isForAll || name.StartsWith(ForAnyValue, StringComparison.OrdinalIgnoreCase))
            name = name[(name.IndexOf(':') + 1)..];
        var acceptsMissing = name.EndsWith(IfExists, StringComparison.OrdinalIgnoreCase);
        if (acceptsMissing)
            name = name[..^IfExists.Length];
        return Operator.Find(name.ToString()) is { } found
            ? new(operatorName, found, key, [.. values.Select(v => PolicyPattern.Parse(v, hasVariables, found.HasWildcards, found.IgnoresCase))], acceptsMissing, isForAll)
            : null;
    }

    public bool IsMet(IPolicyContext context, ISet<string> missing)
    {
        var actual = context.Find(_key);
        if (_operator.Name == IsNull)
            return _values.Any(v => bool.TryParse(v.Text, out var isNull) && isNull == (actual.Count == 0));
        if (actual.Count == 0)
        {
            var isMet = _isForAll || _acceptsMissing || _operator.IsNegated;
            if (!isMet)
                missing.Add(_key);
            return isMet;
        }

        return _isForAll ? actual.All(IsOneMet) : actual.Any(IsOneMet);

        bool IsOneMet(string value) => _values.Any(v => _operator.Matches(v, value, context, missing)) != _operator.IsNegated;
    }

    public override string ToString() => $"{_operatorName} {_key} [{string.Join(", ", _values.Select(v => v.Text))}]";

    private sealed record Operator(string Name, bool IsNegated, bool HasWildcards, bool IgnoresCase, Func<PolicyPattern, string, IPolicyContext, ISet<string>, bool> Matches)
    {
        private static readonly Dictionary<string, Operator> ByName = All().ToDictionary(o => o.Name, StringComparer.OrdinalIgnoreCase);

        public static Operator? Find(string name) => ByName.GetValueOrDefault(name);

        private static IEnumerable<Operator> All()
        {
            yield return Text("StringEquals");
            yield return Text("StringNotEquals", isNegated: true);
            yield return Text("StringEqualsIgnoreCase", ignoresCase: true);
            yield return Text("StringNotEqualsIgnoreCase", isNegated: true, ignoresCase: true);
            yield return Text("StringLike", hasWildcards: true);
            yield return Text("StringNotLike", isNegated: true, hasWildcards: true);
            yield return Text("ArnEquals", hasWildcards: true);
            yield return Text("ArnLike", hasWildcards: true);
            yield return Text("ArnNotEquals", isNegated: true, hasWildcards: true);
            yield return Text("ArnNotLike", isNegated: true, hasWildcards: true);
            yield return Text("BinaryEquals");
            yield return Text("Bool", ignoresCase: true);
            yield return Text(IsNull);
            yield return Compared("IpAddress", (pattern, value) => IsWithin(pattern, value));
            yield return Compared("NotIpAddress", (pattern, value) => IsWithin(pattern, value), isNegated: true);
            foreach (var (suffix, isRight) in Orders())
            {
                var isNegated = suffix == "NotEquals";
                yield return Compared($"Numeric{suffix}", (pattern, value) => Number(pattern) is { } p && Number(value) is { } v && isRight(v.CompareTo(p)), isNegated);
                yield return Compared($"Date{suffix}", (pattern, value) => Date(pattern) is { } p && Date(value) is { } v && isRight(v.CompareTo(p)), isNegated);
            }
        }

        /// <summary>What is negated is compared for equality, and the answer turned round.</summary>
        private static IEnumerable<(string Suffix, Func<int, bool> IsRight)> Orders() =>
        [
            ("Equals", order => order == 0), ("NotEquals", order => order == 0), ("LessThan", order => order < 0),
            ("LessThanEquals", order => order <= 0), ("GreaterThan", order => order > 0), ("GreaterThanEquals", order => order >= 0),
        ];

        private static Operator Text(string name, bool isNegated = false, bool hasWildcards = false, bool ignoresCase = false) =>
            new(name, isNegated, hasWildcards, ignoresCase, (pattern, value, context, missing) => pattern.Matches(value, context, missing));

        private static Operator Compared(string name, Func<string, string, bool> compare, bool isNegated = false) =>
            new(name, isNegated, HasWildcards: false, IgnoresCase: false,
                (pattern, value, context, missing) => pattern.Resolve(context, missing) is { } resolved && compare(resolved, value));

        private static bool IsWithin(string network, string address) =>
            IPAddress.TryParse(address, out var ip)
            && (network.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(network, out var range) && range.Contains(ip) : IPAddress.TryParse(network, out var one) && one.Equals(ip));

        private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

        private static DateTimeOffset? Date(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
    }
}
