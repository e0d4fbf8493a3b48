using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.S3;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace CdfProvisioning.Server.Aws.Sts;

/// <summary>The Security Token Service in its own protocol (query and XML), as far as clients need it to know who they are.</summary>
/// <param name="accountId">The one account there is.</param>
/// <param name="temporary">Makes the credentials of an assumed role.</param>
/// <param name="clock">The time.</param>
internal sealed partial class StsService(string accountId, TemporaryCredentials temporary, TimeProvider clock) : IAwsService
{
    private const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
    private const int DefaultSeconds = 3600;

    private static readonly IotErrorType Validation = new("ValidationError", 400, CdfErrorCode.InvalidRequest);

    public async Task AnswerAsync(AwsCall call)
    {
        var form = QueryHelpers.ParseQuery(call.Body.IsEmpty ? call.Target.Query : Encoding.UTF8.GetString(call.Body.Span));
        var action = form.GetValueOrDefault("Action").ToString();
        Action<XmlWriter> result = action switch
        {
            "GetCallerIdentity" => xml => WriteCaller(xml, call),
            "AssumeRole" => AssumeRole(form),
            _ => throw new IotErrorType("InvalidAction", 400, CdfErrorCode.InvalidRequest).Error($"Could not find operation {IotNames.Shown(action)} for version 2011-06-15"),
        };
        AwsCall.Name(call.Context, $"sts:{action}");
        await WriteAsync(call.Context, $"{action}Response", xml =>
        {
            xml.WriteStartElement($"{action}Result");
            result(xml);
            xml.WriteEndElement();
            xml.WriteStartElement("ResponseMetadata");
            xml.Text("RequestId", call.Context.Response.Headers[AwsCall.RequestIdHeader]);
            xml.WriteEndElement();
        });
    }

    public IotErrorType ErrorTypeOf(SignatureProblem problem) => new(
        problem switch
        {
            SignatureProblem.Incomplete => "IncompleteSignature",
            SignatureProblem.UnknownKey or SignatureProblem.WrongToken => "InvalidClientTokenId",
            SignatureProblem.ExpiredToken => "ExpiredToken",
            _ => "SignatureDoesNotMatch",
        },
        403,
        CdfErrorCode.AccessDenied);

    public Task WriteErrorAsync(HttpContext context, CdfException error)
    {
        context.Response.StatusCode = error.ErrorType.HttpStatus;
        return WriteAsync(context, "ErrorResponse", xml =>
        {
            xml.WriteStartElement("Error");
            xml.Text("Type", error.ErrorType.HttpStatus < 500 ? "Sender" : "Receiver");
            xml.Text("Code", error.ErrorTypeName);
            xml.Text("Message", PublicText.Of(error.Message));
            xml.WriteEndElement();
            xml.Text("RequestId", context.Response.Headers[AwsCall.RequestIdHeader]);
        });
    }

    private void WriteCaller(XmlWriter xml, AwsCall call)
    {
        xml.Text("Arn", $"arn:{Arn.Partition(call.Region)}:iam::{accountId}:user/{call.AccessKeyId}");
        xml.Text("UserId", call.AccessKeyId);
        xml.Text("Account", accountId);
    }

    /// <summary>There are no roles here: any can be assumed, by whoever may sign at all.</summary>
    private Action<XmlWriter> AssumeRole(Dictionary<string, StringValues> form)
    {
        var role = Get(form, "RoleArn");
        var session = Get(form, "RoleSessionName");
        if (!SessionName().IsMatch(session))
            throw Validation.Error(
                $@"1 validation error detected: Value '{IotNames.Shown(session)}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*");
        if (role.Split(':') is not ["arn", var partition, "iam", "", { Length: > 0 } roleAccount, { } resource] || !resource.StartsWith("role/", StringComparison.Ordinal))
            throw Validation.Error($"{IotNames.Shown(role)} is invalid: a role's ARN is arn:aws:iam::<account>:role/<name>.");
        var seconds = DefaultSeconds;
        if (form.TryGetValue("DurationSeconds", out var duration)
            && (!int.TryParse(duration, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds is < 900 or > 43_200))
            throw Validation.Error($"Value '{IotNames.Shown(duration.ToString())}' at 'durationSeconds' failed to satisfy constraint: it must be 900 to 43200.");

        var expiry = clock.GetUtcNow().AddSeconds(seconds);
        var credentials = temporary.Create(expiry);
        return xml =>
        {
            xml.WriteStartElement("Credentials");
            xml.Text("AccessKeyId", credentials.AccessKeyId);
            xml.Text("SecretAccessKey", credentials.SecretAccessKey);
            xml.Text("SessionToken", credentials.SessionToken);
            xml.Text("Expiration", expiry.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            xml.WriteEndElement();
            xml.WriteStartElement("AssumedRoleUser");
            xml.Text("Arn", $"arn:{partition}:sts::{roleAccount}:assumed-role/{resource[(resource.LastIndexOf('/') + 1)..]}/{session}");
            xml.Text("AssumedRoleId", $"{credentials.AccessKeyId}:{session}");
            xml.WriteEndElement();
        };
    }

    /// <summary>STS API Reference, AssumeRole: RoleSessionName.</summary>
    [GeneratedRegex(@"\A[\w+=,.@-]{2,64}\z", RegexOptions.ECMAScript)]
    private static partial Regex SessionName();

    private static string Get(Dictionary<string, StringValues> form, string name) => form.GetValueOrDefault(name).ToString() is { Length: > 0 } value
        ? value
        : throw Validation.Error($"1 validation error detected: Value null at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");

    private static async Task WriteAsync(HttpContext context, string root, Action<XmlWriter> write)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new() { OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement(root, Namespace);
            write(xml);
            xml.WriteEndElement();
        }

        context.Response.ContentType = "text/xml";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }
}
