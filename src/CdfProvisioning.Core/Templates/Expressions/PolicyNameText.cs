using System.Security.Cryptography;
using System.Text;

namespace CdfProvisioning.Templates.Expressions;

/// <summary>The name of a policy that has only a document.</summary>
internal sealed class PolicyNameText(TextExpression document) : TextExpression
{
    public override string Evaluate(Resolution resolution) => Of(document.Evaluate(resolution));

    /// <summary>AWS documents "a hash of the document"; the name in its sample has the length and case of this one.</summary>
    public static string Of(string document)
    {
#pragma warning disable CA5350 // The hash names a policy as AWS does; nothing is protected by it.
        return Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(document)));
#pragma warning restore CA5350
    }
}
