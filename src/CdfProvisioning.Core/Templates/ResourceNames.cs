using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Templates;

/// <summary>Compiles the names of things and policies, each once: functions may refer to them before their resource has had its turn.</summary>
internal sealed class ResourceNames(TemplateNode root, PropertyCompiler compiler, TemplateProblems problems)
{
    /// <summary>More would say the same in a more roundabout way, and recursion must end.</summary>
    private const int MaxReferenceDepth = 8;

    private readonly Dictionary<string, (TextExpression? Text, int Depth)> _names = [];
    private readonly Dictionary<string, TextExpression?> _documents = [];
    private readonly Stack<string> _naming = [];

    /// <summary>How long a chain of names the name being compiled refers to.</summary>
    private int _deepestReference;

    /// <summary>What a Ref yields; AWS lets logical names be referred to without saying what that is.</summary>
    /// <returns>Null if there is no such resource.</returns>
    public ResourceReference? Refer(string id, TemplateNode reference)
    {
        if (root["Resources"]?[id] is not { } resource)
            return null;
        if (resource["Type"]?.Text == ResourceTypes.Certificate)
            return Wrong(reference, $"'{id}' is a certificate, which has no name to refer to: refer to a parameter.");
        if (!_naming.Contains(id) && _naming.Count < MaxReferenceDepth)
        {
            var name = NameOf(id, resource);
            _deepestReference = Math.Max(_deepestReference, _names[id].Depth);
            if (_deepestReference < MaxReferenceDepth)
                return new(name);
        }

        return Wrong(reference, $"The name of '{id}' depends on itself, or on too long a chain of resources: refer to a parameter.");
    }

    /// <returns>Null if the name is wrong.</returns>
    public TextExpression? NameOf(string id, TemplateNode resource)
    {
        if (_names.TryGetValue(id, out var known))
            return known.Text;
        var deepestBefore = _deepestReference;
        _deepestReference = 0;
        _naming.Push(id);
        var name = CompileName(id, resource["Type"]?.Text, resource["Properties"] ?? resource);
        _naming.Pop();
        name = name is null or LiteralText ? name : new ResourceNameText(_names.Count, name);
        _names[id] = (name, _deepestReference + 1);
        _deepestReference = deepestBefore;
        return name;
    }

    /// <returns>Null if the policy has no document or a wrong one.</returns>
    public TextExpression? DocumentOf(string id, TemplateNode properties)
    {
        if (properties["PolicyDocument"] is not { } node)
            return null;
        if (_documents.TryGetValue(id, out var known))
            return known;
        return _documents[id] = compiler.Document(id, node, PolicyDocument.Check);
    }

    private TextExpression? CompileName(string id, string? type, TemplateNode properties)
    {
        if (type == ResourceTypes.Thing)
            return compiler.Required(id, properties, "ThingName", IotNames.CheckThingName);
        return properties["PolicyName"] is null && properties["PolicyDocument"] is not null
            ? HashOf(DocumentOf(id, properties))
            : compiler.Required(id, properties, "PolicyName", IotNames.CheckPolicyName);
    }

    private static TextExpression? HashOf(TextExpression? document) => document switch
    {
        null => null,
        LiteralText literal => new LiteralText(PolicyNameText.Of(literal.Text)),
        _ => new PolicyNameText(document),
    };

    private ResourceReference Wrong(TemplateNode reference, string message)
    {
        problems.Error(reference.Place, message);
        return new(Name: null);
    }
}
