namespace CdfProvisioning.Lists;

/// <summary>One row of a list: its number, counted from 1, and its values for the template's parameters.</summary>
internal sealed record DeviceRow(long Number, IReadOnlyDictionary<string, string> Parameters);
