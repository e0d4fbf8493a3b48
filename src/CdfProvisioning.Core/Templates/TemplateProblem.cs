namespace CdfProvisioning.Templates;

/// <summary>How serious a <see cref="TemplateProblem"/> is.</summary>
public enum TemplateProblemSeverity
{
    /// <summary>The template cannot be used.</summary>
    Error,

    /// <summary>The template can be used here, but not everywhere, or not as it may be meant.</summary>
    Warning,
}

/// <summary>Something that is wrong with a provisioning template, and where.</summary>
/// <param name="Severity">Whether the template can be used all the same.</param>
/// <param name="Path">The JSON path of the value, such as <c>$.Resources.thing.Properties.ThingName</c>.</param>
/// <param name="Line">The line of the value, the first being 1.</param>
/// <param name="Column">The column at which the value starts, in characters, the first being 1.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record TemplateProblem(TemplateProblemSeverity Severity, string Path, int Line, int Column, string Message);
