namespace CdfProvisioning.Templates;

/// <summary>What has been found wrong with a template so far.</summary>
internal sealed class TemplateProblems
{
    /// <summary>Nobody reads more, and each takes longer to tell than to make.</summary>
    private const int MaxKept = 1000;

    private const int MaxListed = 20;

    private readonly List<TemplateProblem> _problems = [];
    private int _more;

    public bool HasErrors { get; private set; }

    public IReadOnlyList<TemplateProblem> InOrder()
    {
        IEnumerable<TemplateProblem> all = _problems.OrderBy(p => p.Line).ThenBy(p => p.Column);
        return _more == 0 ? [.. all] : [.. all, new(HasErrors ? TemplateProblemSeverity.Error : TemplateProblemSeverity.Warning, "$", 1, 1, $"There are {_more} problems more: correct these first.")];
    }

    public void Error(TemplatePlace place, string message)
    {
        HasErrors = true;
        Add(TemplateProblemSeverity.Error, place, message);
    }

    public void Error(string path, int line, int column, string message)
    {
        HasErrors = true;
        _problems.Add(new(TemplateProblemSeverity.Error, path, line, column, message));
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
        throw CdfErrorCode.InvalidTemplate.Error("The provisioning template cannot be used:\n" + string.Join('\n', lines));
    }

    private void Add(TemplateProblemSeverity severity, TemplatePlace place, string message)
    {
        if (_problems.Count < MaxKept)
            _problems.Add(new(severity, place.Path, place.Line, place.Column, message));
        else
            _more++;
    }
}
