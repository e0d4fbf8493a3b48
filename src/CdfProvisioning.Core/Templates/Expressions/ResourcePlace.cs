namespace CdfProvisioning.Templates.Expressions;

/// <summary>A property's value and the resource it belongs to, for errors that only a device's parameters bring to light.</summary>
internal sealed record ResourcePlace(string LogicalId, TemplatePlace Place)
{
    public CdfException Error(CdfException cause) =>
        new(cause.ErrorType, $"{cause.Message} (resource '{LogicalId}' at line {Place.Line}, column {Place.Column} of the template)", cause);
}
