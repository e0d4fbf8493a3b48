using System.Formats.Asn1;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CdfProvisioning.Pkcs11;

/// <summary>A private key as an object of a token, and what belongs to it there.</summary>
internal static class KeyObject
{
    /// <exception cref="CdfException">NotFound; InvalidRequest: there are several.</exception>
    public static IObjectHandle Find(ISession session, KeyUri uri)
    {
        var found = Find(session, CKO.CKO_PRIVATE_KEY, uri["object"], uri.Bytes("id"));
        return found switch
        {
            [var one] => one,
            [] => throw CdfErrorCode.NotFound.Error($"The token has no private key that '{IotNames.Shown(uri.Text)}' names. {Shown(session)}"),
            _ => throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(uri.Text)}' names {found.Count} private keys: add the id of one. {Shown(session)}"),
        };
    }

    /// <returns>What the key is called, its public key, and whether it wants the PIN for each signature.</returns>
    /// <exception cref="CdfException">InvalidRequest: no CA can have it, or its public key is not there.</exception>
    public static (string Name, PublicKey PublicKey, bool AsksEachTime) Describe(KeySession opened, KeyUri uri)
    {
        var (session, key) = (opened.Session, opened.Key);
        if (Value(session, key, CKA.CKA_SIGN)?.GetValueAsBool() == false)
            throw Unfit(uri, "may not sign (CKA_SIGN is false)");
        var (label, id) = (Value(session, key, CKA.CKA_LABEL)?.GetValueAsString() ?? "", Value(session, key, CKA.CKA_ID)?.GetValueAsByteArray() ?? []);
        var type = (CKK)(Value(session, key, CKA.CKA_KEY_TYPE)?.GetValueAsUlong() ?? 0);
        if (type is not (CKK.CKK_RSA or CKK.CKK_EC))
            throw Unfit(uri, $"is of type {type}");

        var publicKey = FindPublicKey(session, key, type, label, id) ?? throw CdfErrorCode.InvalidRequest.Error(
            $"The token has neither the public key nor the certificate of the private key that '{IotNames.Shown(uri.Text)}' names: store one of them beside it, with the same id.");
        if (publicKey.FindWeakness() is { } weakness)
            throw CdfErrorCode.InvalidRequest.Error($"The key that '{IotNames.Shown(uri.Text)}' names cannot be a CA's: {weakness}.");
        return (label.Length > 0 ? label : Convert.ToHexStringLower(id), publicKey, Value(session, key, CKA.CKA_ALWAYS_AUTHENTICATE)?.GetValueAsBool() == true);
    }

    private static PublicKey? FindPublicKey(ISession session, IObjectHandle key, CKK type, string label, byte[] id)
    {
        var (ofLabel, ofId) = id.Length > 0 ? (null, id) : (label, (byte[]?)null);
        var publicKey = Find(session, CKO.CKO_PUBLIC_KEY, ofLabel, ofId).FirstOrDefault();
        try
        {
            if (type == CKK.CKK_RSA)
            {
                if (ReadRsa(session, publicKey ?? key) is { } rsa)
                    return PublicKey.Read(rsa);
            }
            else if (publicKey is not null)
            {
                return PublicKey.Read(ReadEc(session, publicKey));
            }
            return Find(session, CKO.CKO_CERTIFICATE, ofLabel, ofId).FirstOrDefault() is { } certificate && Value(session, certificate, CKA.CKA_VALUE) is { } der
                ? ParsedCertificate.FromDer(der.GetValueAsByteArray(), $"The certificate '{label}' in the token").PublicKey
                : null;
        }
        catch (AsnContentException e)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The public key of '{label}' in the token is damaged: {e.Message}", e);
        }
    }

    private static byte[]? ReadRsa(ISession session, IObjectHandle key)
    {
        if (Value(session, key, CKA.CKA_MODULUS)?.GetValueAsByteArray() is not { Length: > 0 } modulus || Value(session, key, CKA.CKA_PUBLIC_EXPONENT)?.GetValueAsByteArray() is not { Length: > 0 } exponent)
            return null;
        var numbers = new AsnWriter(AsnEncodingRules.DER);
        using (numbers.PushSequence())
        {
            numbers.WriteIntegerUnsigned(modulus.AsSpan().TrimStart((byte)0));
            numbers.WriteIntegerUnsigned(exponent.AsSpan().TrimStart((byte)0));
        }
        return Encode(Oids.RsaEncryption, [5, 0], numbers.Encode());
    }

    /// <summary>The point is an octet string, or, from some tokens, what should stand in one.</summary>
    private static byte[] ReadEc(ISession session, IObjectHandle key)
    {
        var curve = Value(session, key, CKA.CKA_EC_PARAMS)!.GetValueAsByteArray();
        var point = Value(session, key, CKA.CKA_EC_POINT)!.GetValueAsByteArray();
        if (AsnDecoder.TryReadPrimitiveOctetString(point, AsnEncodingRules.BER, out var inner, out var consumed) && consumed == point.Length)
            point = inner.ToArray();
        return Encode(Oids.EcPublicKey, curve, point);
    }

    /// <summary>A SubjectPublicKeyInfo.</summary>
    private static byte[] Encode(string algorithm, byte[] parameters, byte[] bits)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                writer.WriteEncodedValue(parameters);
            }
            writer.WriteBitString(bits);
        }
        return writer.Encode();
    }

    private static List<IObjectHandle> Find(ISession session, CKO kind, string? label, byte[]? id)
    {
        var attributes = TokenModule.Factories.ObjectAttributeFactory;
        List<IObjectAttribute> wanted = [attributes.Create(CKA.CKA_CLASS, kind)];
        if (label is not null)
            wanted.Add(attributes.Create(CKA.CKA_LABEL, label));
        if (id is not null)
            wanted.Add(attributes.Create(CKA.CKA_ID, id));
        return session.FindAllObjects(wanted);
    }

    /// <summary>Null where the token has no such attribute, or does not show it.</summary>
    private static IObjectAttribute? Value(ISession session, IObjectHandle key, CKA attribute) =>
        session.GetAttributeValue(key, [attribute]) is [{ CannotBeRead: false } value] ? value : null;

    private static string Shown(ISession session)
    {
        var keys = Find(session, CKO.CKO_PRIVATE_KEY, label: null, id: null).Take(10)
            .Select(key => $"'{Value(session, key, CKA.CKA_LABEL)?.GetValueAsString()}' (id {string.Concat((Value(session, key, CKA.CKA_ID)?.GetValueAsByteArray() ?? []).Select(b => $"%{b:x2}"))})").ToList();
        return keys.Count == 0 ? "It has none." : $"It has: {string.Join(", ", keys)}.";
    }

    private static CdfException Unfit(KeyUri uri, string problem) => CdfErrorCode.InvalidRequest.Error(
        $"The key that '{IotNames.Shown(uri.Text)}' names {problem}: a CA has a key that signs, RSA of 2,048 bits or more, or EC on P-256, P-384 or P-521.");
}
