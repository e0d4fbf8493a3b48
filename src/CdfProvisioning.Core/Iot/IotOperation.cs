using System.Text.Json.Serialization.Metadata;

namespace CdfProvisioning.Iot;

/// <summary>How one AWS IoT operation travels over HTTP.</summary>
/// <param name="Name">AWS's name, such as <c>DescribeThing</c>.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path; a <c>{member}</c> is replaced with that request member, percent-encoded.</param>
/// <param name="Query">Request members that travel in the query string.</param>
/// <param name="Headers">Request members that travel in headers.</param>
/// <param name="Request">The request record's JSON contract; members bound nowhere else are the body.</param>
/// <param name="Response">The response record's JSON contract.</param>
/// <param name="InvokeAsync">Has a registry answer a request record.</param>
internal sealed record IotOperation(
    string Name, string Method, string Path, IReadOnlyList<IotBinding> Query, IReadOnlyList<IotBinding> Headers,
    JsonTypeInfo Request, JsonTypeInfo Response, Func<IDeviceRegistry, object, CancellationToken, ValueTask<object>> InvokeAsync);

/// <summary>A request member (its JSON name) and the name under which it travels.</summary>
internal sealed record IotBinding(string Member, string Name);
