using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Reads a resource's OverrideSettings, whose keys AWS writes as ThingGroups in samples and as THING_GROUPS in its prose.</summary>
internal sealed class OverrideSettingsReader
{
    private readonly TemplateProblems _problems;
    private readonly List<TemplateMember> _unread = [];

    public OverrideSettingsReader(TemplateNode? settings, TemplateProblems problems)
    {
        _problems = problems;
        if (settings is not null && settings.MustBeObject(problems))
            _unread.AddRange(settings.Members);
    }

    public OverrideAction Read(string property, bool canMerge)
    {
        var found = _unread.FindAll(IsOfProperty);
        _unread.RemoveAll(IsOfProperty);
        if (found.Count == 0)
            return OverrideAction.DoNothing;
        if (found.Count > 1)
            _problems.Error(found[1].Value.Place, $"The override of {property} is given twice: remove one.");
        switch (found[0].Value)
        {
            case { Kind: JsonValueKind.String, Text: "DO_NOTHING" }:
                return OverrideAction.DoNothing;
            case { Kind: JsonValueKind.String, Text: "REPLACE" }:
                return OverrideAction.Replace;
            case { Kind: JsonValueKind.String, Text: "FAIL" }:
                return OverrideAction.Fail;
            case { Kind: JsonValueKind.String, Text: "MERGE" } when canMerge:
                return OverrideAction.Merge;
            case var wrong:
                _problems.Error(wrong.Place, $"The override of {property} must be DO_NOTHING, REPLACE{(canMerge ? ", MERGE" : "")} or FAIL.");
                return OverrideAction.DoNothing;
        }

        bool IsOfProperty(TemplateMember member) => member.Name.Replace("_", "", StringComparison.Ordinal).Equals(property, StringComparison.OrdinalIgnoreCase);
    }

    public void WarnOfUnread()
    {
        foreach (var (name, _, value) in _unread)
            _problems.Warn(value.Place, $"The override setting '{name}' is ignored: AttributePayload, ThingTypeName and ThingGroups of a thing and Status of a certificate have one.");
    }
}
