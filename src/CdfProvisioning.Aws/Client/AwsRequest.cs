using System.Collections.ObjectModel;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;

namespace CdfProvisioning.Aws.Client;

/// <summary>One call of an AWS API that speaks JSON, on its way through the SDK's pipeline.</summary>
/// <param name="operation">AWS's name of it, such as <c>DescribeThing</c>.</param>
/// <param name="method">The HTTP method.</param>
/// <param name="path">The path; a <c>{member}</c> in it is replaced with that member of <see cref="PathMembers"/>, percent-encoded.</param>
/// <param name="response">The JSON contract of the answer.</param>
internal sealed class AwsRequest(string operation, string method, string path, JsonTypeInfo response) : AmazonWebServiceRequest
{
    public string Operation => operation;

    public string Method => method;

    public string Path => path;

    public JsonTypeInfo Response => response;

    public Dictionary<string, string> PathMembers { get; } = [];

    public Dictionary<string, string> Query { get; } = [];

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>What the request names, by member, wherever that travels; for messages.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Null where the operation has none, which is not the same as an empty object.</summary>
    public byte[]? Body { get; init; }
}
