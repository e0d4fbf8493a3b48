namespace CdfProvisioning.Templates;

/// <summary>What has been found wrong with a template so far.</summary>
internal sealed class TemplateProblems
{
    private const int MaxListed = 20;

    private readonly List<TemplateProblem> _problems = [];

    public bool HasErrors { get; private set; }

    public IReadOnlyList<TemplateProblem> InOrder() => [.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Column)];

    public void Error(TemplatePlace place, string message)
    {
        HasErrors = true;
        Add(TemplateProblemSeverity.Error, place, message);
    }

    public void Warn(TemplatePlace place, string message) => Add(TemplateProblemSeverity.Warning, place, message);

    public void ThrowIfErrors()
    {
        if (!HasErrors)
            return;
        var errors = InOrder().Where(p => p.Severity == TemplateProblemSeverity.Error).ToList();
        var lines = errors.Take(MaxListed).Select(p => $"line {p.Line}, column {p.Column} ({p.Path}): {p.Message}");
        if (errors.Count > MaxListed)
            lines = lines.Append($"and {errors.Count - MaxListed} more");
        throw new CdfException(CdfErrorCode.InvalidTemplate, "The provisioning template cannot be used:\n" + string.Join('\n', lines));
    }

    private void Add(TemplateProblemSeverity severity, TemplatePlace place, string message) =>
        _problems.Add(new(severity, place.Path, place.Line, place.Column, message));
}
