namespace CdfProvisioning.Templates;

/// <summary>A compiled certificate resource.</summary>
internal sealed record CertificateTemplate(
    string LogicalId, TextExpression? SigningRequest, TextExpression? Id, TextExpression? Pem, TextExpression? CAPem,
    TextExpression? Status, TextExpression? ThingPrincipalType, OverrideAction StatusOverride)
{
    public CertificateResource Resolve(Resolution resolution) => new(
        LogicalId, SigningRequest?.Evaluate(resolution), Id?.Evaluate(resolution), Pem?.Evaluate(resolution), CAPem?.Evaluate(resolution),
        KeywordSet.CertificateStatus.Normalize(Status?.Evaluate(resolution)), KeywordSet.ThingPrincipalType.Normalize(ThingPrincipalType?.Evaluate(resolution)), StatusOverride);
}
