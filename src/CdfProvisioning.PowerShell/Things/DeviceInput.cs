using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Numerics;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>A device's parameters as PowerShell has them: a hashtable, or an object with a property for each, such as a row of Import-Csv.</summary>
internal sealed class DeviceInput
{
    /// <summary>What remoting and jobs add to every object.</summary>
    private static readonly HashSet<string> OfRemoting = ["PSComputerName", "RunspaceId", "PSShowComputerName", "PSSourceJobInstanceId"];

    private readonly object _input;
    private readonly IDictionary? _table;

    private DeviceInput(object input, IDictionary? table, bool isFromList)
    {
        _input = input;
        _table = table;
        IsFromList = isFromList;
    }

    /// <summary>Whether the names are somebody's own, and not those that come with the object's type.</summary>
    public bool IsFromList { get; }

    /// <summary>The names of the parameters.</summary>
    public IEnumerable<string> Names => _table is null ? Properties.Select(p => p.Name) : _table.Keys.Cast<object>().Select(Name);

    private IEnumerable<PSPropertyInfo> Properties => PSObject.AsPSObject(_input).Properties.Where(p => p.IsGettable && !OfRemoting.Contains(p.Name));

    /// <exception cref="CdfException">InvalidRequest: it is neither a hashtable nor an object with properties.</exception>
    public static DeviceInput Of(object? input) => (input is PSObject wrapper ? wrapper.BaseObject : input) switch
    {
        IReadOnlyDictionary<string, string> parameters when parameters is not IDictionary => new(input!, parameters.ToDictionary(), isFromList: true),
        IDictionary table => new(input!, table, isFromList: true),
        string => throw CdfErrorCode.InvalidRequest.Error("A device's parameters are a hashtable, or an object with a property for each, and not a text. The lines of a CSV file become objects by Import-Csv, of a text by ConvertFrom-Csv or ConvertFrom-Json; -Path takes the file itself."),
        null or ValueType or IEnumerable => throw CdfErrorCode.InvalidRequest.Error($"A device's parameters are a hashtable, or an object with a property for each, and not {KindOf(input)}."),
        PSCustomObject => new(input!, table: null, !PSObject.AsPSObject(input).TypeNames[0].StartsWith("Deserialized.", StringComparison.Ordinal)),
        _ => new(input!, table: null, isFromList: false),
    };

    /// <summary>Reads the values: of an object whose names come with its type, only what is used.</summary>
    /// <param name="isUsed">Whether something uses a name.</param>
    /// <param name="emptyAsText">Whether an empty text of an object counts; Import-Csv has one for an empty cell. In a hashtable it always does.</param>
    public GivenParameters Read(Func<string, bool> isUsed, bool emptyAsText)
    {
        var parameters = new GivenParameters();
        if (_table is not null)
        {
            foreach (DictionaryEntry entry in _table)
                Add(parameters, Name(entry.Key), entry.Value, emptyAsText: true);
            return parameters;
        }

        foreach (var property in Properties)
        {
            if (IsFromList || isUsed(property.Name))
                Add(parameters, property, emptyAsText);
        }

        return parameters;
    }

    private static void Add(GivenParameters parameters, PSPropertyInfo property, bool emptyAsText)
    {
        object? value;
        try
        {
            value = property.Value;
        }
        catch (GetValueException e)
        {
            parameters.AddUnusable(property.Name, $"a value that cannot be read ({(e.InnerException ?? e).Message.TrimEnd('.')})");
            return;
        }

        Add(parameters, property.Name, value, emptyAsText);
    }

    private static void Add(GivenParameters parameters, string name, object? value, bool emptyAsText)
    {
        var plain = value is PSObject wrapper && wrapper.BaseObject is not PSCustomObject ? wrapper.BaseObject : value;
        if (plain is null or DBNull || (plain is string { Length: 0 } && !emptyAsText) || ReferenceEquals(value, System.Management.Automation.Internal.AutomationNull.Value))
            parameters.AddWithoutValue(name);
        else if (Text(plain) is { } text)
            parameters[name] = text;
        else
            parameters.AddUnusable(name, KindOf(plain));
    }

    private static string Name(object key) => Convert.ToString(key, CultureInfo.InvariantCulture)!;

    /// <summary>The value as it was written: a date as ISO 8601 has it, a number with all its digits. Null for what is not one value.</summary>
    private static string? Text(object value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        double number => Text(number),
        float number => Text(number),
        char or Guid or TimeSpan or Version or IPAddress or Uri => Convert.ToString(value, CultureInfo.InvariantCulture),
        Enum => value.ToString(),
        IFormattable number when IsNumber(number) => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Excel's numbers are all of this type, serial numbers included: no exponent where there is a whole number.</summary>
    private static string Text(double number) => double.IsInteger(number) && Math.Abs(number) < 1e28
        ? new BigInteger(number).ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);

    private static string Text(float number) => float.IsInteger(number) && Math.Abs(number) < 1e28f
        ? new BigInteger(number).ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);

    private static bool IsNumber(object value) =>
        value is sbyte or byte or short or ushort or int or uint or long or ulong or Int128 or UInt128 or nint or nuint or Half or decimal or BigInteger;

    private static string KindOf(object? value) => (value is PSObject wrapper ? wrapper.BaseObject : value) switch
    {
        null => "null",
        PSCustomObject => "an object",
        IDictionary => "a hashtable",
        byte[] => "an array of bytes",
        IEnumerable => "an array",
        var other => $"of the type {other.GetType().Name}",
    };
}
