namespace CdfProvisioning.Templates.Expressions;

/// <summary>A value of a template that is a list of texts once the parameters are known.</summary>
internal abstract class ListExpression
{
    /// <exception cref="CdfException">InvalidRequest: what is wrong, without the place, which <see cref="CheckedList"/> adds.</exception>
    public abstract IReadOnlyList<string> Evaluate(Resolution resolution);
}
